import torch,torch.nn as nn,torch.nn.functional as F
class B(nn.Module):
    def __init__(s):
        super().__init__(); s.c=nn.Conv2d(3,3,3,padding=1); s.bn=nn.BatchNorm2d(3); s.r=nn.ReLU()
    def forward(s,x): return s.r(s.bn(s.c(x)))
class M(nn.Module):
    def __init__(s):
        super().__init__(); s.b=B(); s.act=nn.ReLU(); s.fc=nn.Linear(3,2)
    def forward(s,x):
        x=s.act(s.b(x)); x=s.b(x); x=F.gelu(x)
        x=s.act(x)
        return F.softmin(s.fc(x.mean((2,3))),dim=1)
m=M().eval(); x=torch.randn(1,3,8,8)
t=torch.jit.trace(m,x); t.save('traced.pt'); s=torch.jit.script(m); s.save('scripted.pt')
torch.jit.freeze(s).save('frozen_s.pt'); torch.jit.freeze(t).save('frozen_t.pt')
try: torch.jit.optimize_for_inference(s).save('opt.pt')
except Exception as e: print(e)
s._save_for_lite_interpreter('mobile.ptl'); 
try: s._save_for_lite_interpreter('flat.ptl',_use_flatbuffer=True)
except Exception as e: print(e)
torch.save(m.state_dict(),'state.pth'); torch.save(m.state_dict(),'state_old.pth',_use_new_zipfile_serialization=False)
class Tw(nn.Module):
    def __init__(s):
        super().__init__(); s.a=nn.ReLU(); s.b=s.a; s.e=B(); s.d=s.e
torch.save(Tw(),'full.pth'); torch.save(Tw(),'full_old.pth',_use_new_zipfile_serialization=False)
torch.save({'epoch':3,'model_state_dict':m.state_dict()},'ckpt.pth')
torch.save(torch.randn(3),'tensor.pt')
import pickle,os
class Evil:
    def __reduce__(self): return os.system,('touch /tmp/model_guidelines_was_here',)
torch.save({'w':torch.zeros(2),'e':Evil()},'reduce_os_system.pth')
