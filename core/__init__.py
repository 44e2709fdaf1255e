"""What every room of the chain stands on. No word of the domain in here."""
