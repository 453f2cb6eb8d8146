"""The groups of the command line, one module each. They import what they need when they run, so that what works
offline starts without the server's libraries."""
