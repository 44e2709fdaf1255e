"""What stands outside the chain, made up for demonstration and tests."""
