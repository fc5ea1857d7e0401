"""The page of a package index: the README, whose pictures and links have to work there, too.

The address of the source is not in the repository. `CSR_TUI_REPOSITORY` names it where a release is built; without it
the page has descriptions in place of pictures, and no links into the repository.
"""

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

PICTURE = re.compile(r"!\[([^]]*)\]\((?!\w+:)([^)]+)\)")
LINK = re.compile(r"(?<!!)\[([^]]*)\]\((?!\w+:|#)([^)]+)\)")


def page(readme: str, repository: str, tag: str) -> str:
    """The README with absolute addresses of its pictures and files, at this tag."""
    if not repository:
        return LINK.sub(r"\1", PICTURE.sub(r"*Picture: \1*", readme))
    readme = PICTURE.sub(rf"![\1]({repository}/raw/{tag}/\2)", readme)
    return LINK.sub(rf"[\1]({repository}/blob/{tag}/\2)", readme)


class IndexPage(MetadataHookInterface):
    """Sets the fields that depend on the address of the source."""

    def update(self, metadata: dict[str, Any]) -> None:
        root, repository = Path(self.root), os.environ.get("CSR_TUI_REPOSITORY", "").rstrip("/")
        version = re.search(r'__version__ = "(.*)"', (root / "csr_tui" / "__init__.py").read_text("utf-8"))
        tag = f"v{version[1]}" if version else ""
        text = page((root / "README.md").read_text("utf-8"), repository, tag)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        if repository:
            metadata["urls"] = {
                "Homepage": repository,
                "Changelog": f"{repository}/blob/{tag}/CHANGELOG.md",
                "Security": f"{repository}/blob/{tag}/SECURITY.md",
            }
