"""The embedded AWS as a background process of this machine: started, watched, ended."""
