import { Queue, Worker, QueueEvents } from 'bullmq';
const connection={host:'localhost',port:6390,maxRetriesPerRequest:null}, name='plain'+Date.now();
const w=new Worker(name, async (j)=>j.data, {connection, concurrency:2}); const q=new Queue(name,{connection}); const ev=new QueueEvents(name,{connection});
await Promise.all([w.waitUntilReady(), q.waitUntilReady(), ev.waitUntilReady()]);
const one=async(i)=>{ const j=await q.add('x', i); return j.waitUntilFinished(ev); };
await one(1);
for (let k=0;k<3;k++){ const t0=performance.now(); for(let j=0;j<200;j++) await one(j); console.log('plain seq', ((performance.now()-t0)/200*1000).toFixed(0),'us'); }
for (let k=0;k<3;k++){ const t0=performance.now(); await Promise.all(Array.from({length:2000},(_, j)=>one(j))); console.log('plain burst', (2000/(performance.now()-t0)*1000).toFixed(0),'/s'); }
process.exit();
