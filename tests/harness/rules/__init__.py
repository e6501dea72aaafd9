"""What becomes of any event under a file of rules: a second implementation, made from the page.

It shares nothing with the worker: JSON by `jsontext` and a tree of its own, addresses by Python's
`ipaddress`, hashes by hashlib and hmac, ciphers by `cryptography`. Speed is no aim.
"""
