"""The durable record of everything that was learnt: append-only, each message once."""
