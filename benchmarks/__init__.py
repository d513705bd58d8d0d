"""Speed and memory, measured on whole nights; see README.md in this folder."""
