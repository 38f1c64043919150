"""Java beside Python."""

import subprocess
import sys

# One process starts Java once, so each look at the start needs a process of its own.
START = """
import gc
from reasoner.hermit import start_java
gc.callbacks.append(mine := lambda phase, info: None)
start_java()
import jpype
assert jpype.isJVMStarted()
assert gc.callbacks == [mine], gc.callbacks
"""


def test_python_cleans_up_as_before_once_java_runs() -> None:
    """Starting Java adds nothing to what Python does whenever it cleans up, and takes none away."""
    done = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
