"""`python -m forecast` is the `forecast` command."""

if __name__ == "__main__":  # processes that help import this file, and need no command line
    from forecast.cli.main import main

    main()
