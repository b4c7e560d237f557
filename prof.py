import json,sys,glob,collections
f=sorted(glob.glob('/tmp/rt/prof/*.cpuprofile'))[-1]
p=json.load(open(f)); nodes={n['id']:n for n in p['nodes']}
dt=p['timeDeltas']; s=p['samples']; self=collections.Counter()
for i,x in zip(s,dt): self[i]+=x
agg=collections.Counter()
for i,t in self.items():
    c=nodes[i]['callFrame']; agg[(c['functionName'] or '(anon)', c['url'].split('/')[-1], c['lineNumber'])]+=t
tot=sum(t for k,t in agg.items() if k[0] not in ('(idle)','(program)'))
for k,t in agg.most_common(38): print('%5.1f%% %s'%(100*t/tot,k))
