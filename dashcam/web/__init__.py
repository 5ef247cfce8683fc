"""The page of the phone: Bottle on cheroot; reads the catalogue, asks the other programs, never writes below DCIM."""
