import { Aggregator } from '/work/main/src/ingest/aggregate/aggregator.ts';
import { DEFAULT_CONFIG } from '/work/main/src/config/load.ts';
const N=Number(process.argv[2]??1000);
let state=12345;const random=(b:number)=>{state=(Math.imul(state,1103515245)+12345)&0x7fffffff;return Math.floor(state/0x80000000*b)};
const only=process.argv[3];
const parts:string[]=[];for(let i=0;i<1e6;i+=46){let s='';for(let j=0;j<46;j++){const n=random(N);const t=only??(n%10<6?'c':n%10<9?'ms':'g');s+=`web${n%7}.api.${n}.hits:${random(100000)/10}|${t}\n`}parts.push(s)}
let e=0;const ends=Uint32Array.from(parts,p=>e+=p.length);const bytes=Buffer.concat([Buffer.from(parts.join('')),Buffer.alloc(64)]);
const a=new Aggregator(DEFAULT_CONFIG.aggregation,{wantSketches:false,hashSeed:0x1234567});

let best=1e9;const all:number[]=[];
for(let r=0;r<4;r++){let f=0;for(let p=0;p<ends.length;){const stop=Math.min(p+200,ends.length);const n=stop-p;const c=process.cpuUsage();for(;p<stop;p++){const t=ends[p]!;a.packet(bytes,f,t,1,false);f=t}const u=process.cpuUsage(c);const d=(u.user+u.system)*1000/(n*46);if(r>1&&n===200)all.push(d)}}
all.sort((a,b)=>a-b);console.log(N,only??'mix','best',all[0].toFixed(1),'p10',all[all.length/10|0].toFixed(1),'median',all[all.length>>1].toFixed(1));
