"""`python -m forecast` is the `forecast` command."""

from forecast.cli.main import main

if __name__ == "__main__":
    main()
