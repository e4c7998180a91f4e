"""The floor of every measurement: a cdktf app with one empty stack and no bindings."""

from cdktf import App, TerraformStack

app = App()
TerraformStack(app, "empty")
app.synth()
