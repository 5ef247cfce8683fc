"""`python -m dashcam`: the same command line as `dashcam`."""

from dashcam.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
