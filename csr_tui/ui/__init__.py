"""The screen face: everything that imports Textual."""
