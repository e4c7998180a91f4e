"""An AWS on a loopback port: moto's server with the few gaps mended that the real Terraform provider runs into."""
