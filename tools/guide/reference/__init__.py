"""Pages of docs/ that are made of the code: settings, modules, commands, outputs and causes of trouble."""
