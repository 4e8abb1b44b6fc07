"""Print the command that the README gives under `<!-- command: NAME -->`, on one line."""

import re
import sys
from pathlib import Path

readme = Path(__file__).parent.parent / "README.md"
pattern = rf"<!-- command: {re.escape(sys.argv[1])} -->\s*```sh\n(.*?)```"
found = re.search(pattern, readme.read_text(encoding="utf-8"), re.DOTALL)
if found is None:
    sys.exit(f"README.md gives no command named {sys.argv[1]}")
print(found[1].replace("\\\n", " ").strip())
