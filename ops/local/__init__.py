"""The embedded AWS as a background process of this machine: started, described, ended."""
