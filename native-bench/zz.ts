import { Aggregator } from '../src/ingest/aggregate/aggregator.ts';
import { DEFAULT_CONFIG } from '../src/config/load.ts';
declare const gc: any;
for (const type of (process.argv[2]??'c,ms,g,c|@0.5,s,c|#env:prod,h,h|@0.1,g+').split(',')) {
  const a = new Aggregator(DEFAULT_CONFIG.aggregation, { wantSketches: true, hashSeed: 42 });
  const lines:string[]=[];for(let i=0;i<1000;i++)lines.push(`service.${i}.requests.count:${type==='g+'?'+':''}${(i*13)%1000}.5|${type.replace('+','')}`);
  const packets:[number,number][]=[];const buf=Buffer.alloc(200000);let at=0;for(let i=0;i<1000;i+=20){const n=buf.write(lines.slice(i,i+20).join('\n'),at);packets.push([at,at+n]);at+=n}
  const send=(n:number)=>{for(let s=0;s<n;s+=1000)for(const p of packets)a.packet(buf,p[0],p[1],1,false)};
  send(1_000_000);
  gc();const b=process.memoryUsage().heapUsed;let t=performance.now();send(1_000_000);t=performance.now()-t;
  console.log(type.padEnd(12),(t).toFixed(0),'ns',((process.memoryUsage().heapUsed-b)/1e6).toFixed(2),'B/metric', a.health().badLines['badValue']);
}
