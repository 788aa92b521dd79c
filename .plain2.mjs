import { Queue, Worker, QueueEvents } from 'bullmq';
const connection={host:'localhost',port:6390,maxRetriesPerRequest:null};
async function run(label, opts, bulk=false, events=true, conc=2){ const name='plain'+Date.now()+Math.random().toString().slice(2,6);
const resolvers=new Map(); const w=new Worker(name, async (j)=>{ return j.data }, {connection, concurrency:conc}); w.on('error',()=>{}); const q=new Queue(name,{connection}); 
w.on('completed',(j)=>{ resolvers.get(j.id)?.(); });
await Promise.all([w.waitUntilReady(), q.waitUntilReady()]);
let n=0; const one=(i)=>new Promise(async r=>{ const id='f-'+n++; resolvers.set(id,r); if(bulk) await q.addBulk([{name:'x',data:i,opts:{...opts,jobId:id}}]); else await q.add('x', i, {...opts,jobId:id}); });
await one(1);
let s='',b='';
for (let k=0;k<3;k++){ const t0=performance.now(); for(let j=0;j<200;j++) await one(j); s+=((performance.now()-t0)/200*1000).toFixed(0)+' '; }
for (let k=0;k<3;k++){ const t0=performance.now(); if(bulk){ const ps=[]; const jobs=[]; for(let j=0;j<2000;j++){ const id='f-'+n++; jobs.push({name:'x',data:j,opts:{...opts,jobId:id}}); ps.push(new Promise(r=>resolvers.set(id,r))); } await q.addBulk(jobs); await Promise.all(ps);} else await Promise.all(Array.from({length:2000},(_, j)=>one(j))); b+=(2000/(performance.now()-t0)*1000).toFixed(0)+' '; }
console.log(label.padEnd(30),'seq us',s,'burst/s',b); await w.close(); await q.close(); }
await run('add',{});
await run('add priority',{priority:1000});
await run('add roc age',{removeOnComplete:{age:3600}});
await run('add roc true',{removeOnComplete:true});
await run('addBulk',{},true);
await run('addBulk conc 8',{},true,true,8);
await run('addBulk conc 64',{},true,true,64);
await run('addBulk prio age',{priority:1000,removeOnComplete:{age:3600}},true);
process.exit();
