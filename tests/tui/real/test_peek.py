import sys
from tests.tui.real.tmux import counter
def test_peek(world):
    with counter(world, *sys.argv[-1:][:0]) as t:
        print(t.sees("zoom"))
        print(t.process, t.seat)
        t.press("Space"); print(t.sees("Cart 1"))
        t.enter(); print(t.sees("how?"))
    for lang in (["--lang","ko"],["--ascii"],["--ascii", "--lang", "en"]):
      with counter(world, *lang, size=(120,30)) as t:
        t.press("Space"); 
        import time; time.sleep(5); print(t.text)
        t.press("Space"); time.sleep(1)
        t.enter(); time.sleep(1); print(t.text)
    with counter(world) as t:
        t.sees("zoom")
        import os, signal
        from tests.tui.real.tmux import is_running
        t0=time.monotonic(); os.kill(t.process, signal.SIGTERM)
        while t.exit_code is None: time.sleep(.01)
        print("term", time.monotonic()-t0, t.exit_code, t.is_restored); print(t.text)
