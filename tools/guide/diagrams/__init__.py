"""Pictures and the table of environments, made of the synthesized stacks' JSON; nothing of them is drawn by hand."""
