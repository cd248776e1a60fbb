import { readNumber, NUMBER } from '/work/main/src/ingest/protocol/number.ts';
import fc from 'fast-check';
const enc = new TextEncoder();
function check(s:string){const b=enc.encode(s);const ok=readNumber(b,0,b.length);const w=Number(s);if(ok?!Object.is(NUMBER[0],w):!Number.isNaN(w))throw new Error(JSON.stringify(s)+' got '+ok+' '+NUMBER[0]+' want '+w)}
for(const s of ['', ' ','1','1e3','-0','+5','.','5.','.5','e5','1e','1e+','0x','0x10','0X1f','0b101','0o17','-0x10','Infinity','-Infinity','infinity','1e400','1e-400','4.9e-324','2.4703282292062327e-324','2.4703282292062328e-324','1.7976931348623157e308','1.7976931348623158e308','1.7976931348623159e308','9007199254740993','123456789012345678901234567890','0x1fffffffffffff8','0x'+'f'.repeat(300),'0b'+'1'.repeat(54),'1.'+'0'.repeat(900)+'1','9007199254740993.'+'0'.repeat(900)+'1','2.2250738585072011e-308','2.2250738585072014e-308','0.30000000000000004','1_0','\u00a05\u00a0','\u30005','\ufeff1','0e9999999999','1e99999999999','1e-99999999999','00000000000000000000000000001', '0.'+'0'.repeat(400)+'1e401','1'+'0'.repeat(400)+'e-400'])check(s);
fc.assert(fc.property(fc.double({noNaN:true}),d=>{check(String(d));check(d.toExponential());check(d.toPrecision(20));check(d.toExponential(18))}),{numRuns:30000});
fc.assert(fc.property(fc.bigInt({min:0n,max:10n**40n}),fc.integer({min:-360,max:330}),(a,e)=>{check(a+'e'+e);check('-.'+a+'e'+e);}),{numRuns:20000});
// midpoints
fc.assert(fc.property(fc.integer({min:0,max:2**20}),fc.bigInt({min:2n**52n,max:2n**53n-1n}),fc.integer({min:0,max:200}),fc.integer({min:-1,max:1}),(x,m,s,d)=>{check(String(((2n*m+1n)<<BigInt(s))+BigInt(d)))}),{numRuns:20000});
fc.assert(fc.property(fc.string({unit:fc.constantFrom(...'0123456789.eE+-xXbo aInfity_ \t\u00a0')}),s=>check(s)),{numRuns:100000});
const b=enc.encode('0.30000000000000004');let t=performance.now();for(let i=0;i<200000;i++)readNumber(b,0,b.length);console.log((performance.now()-t)/200000*1e6,'ns slow');
const b2=enc.encode('2.2250738585072011e-308');t=performance.now();for(let i=0;i<20000;i++)readNumber(b2,0,b2.length);console.log((performance.now()-t)/20000*1e6,'ns slow');
console.log('ok');
