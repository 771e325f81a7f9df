"""The command line: the verbs of the contract, errors of one line, sysexits."""

import os
import sys


def main() -> None:
    """Entry point. Errors are one line on stderr; a traceback only with EDRGUARD_DEBUG set."""
    try:
        code = _run()
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:  # the reader went away (`| head`): nothing left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


def _run() -> int:
    import typer
    from typer.exceptions import TyperException
    from typer.main import get_command

    from edrguard.cli.app import app
    from edrguard.model.errors import EdrguardError

    try:
        result = get_command(app).main(prog_name="edrguard", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except typer.Exit as exit_:
        return exit_.exit_code
    except typer.Abort:
        return 130
    except TyperException as error:
        context = getattr(error, "ctx", None)
        where = context.command_path if context is not None else "edrguard"
        said = error.format_message() if hasattr(error, "format_message") else str(error)
        print(f"{where}: {said or 'a verb is wanted'} (--help shows how)", file=sys.stderr)
        return 64
    except EdrguardError as error:
        for line in str(error).splitlines():
            print(f"edrguard: {line}", file=sys.stderr)
        return error.exit_code
    except PermissionError as error:
        print(f"edrguard: {error.filename or ''}: {error.strerror}", file=sys.stderr)
        return 77
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:
        if os.environ.get("EDRGUARD_DEBUG"):
            raise
        print(
            f"edrguard: internal error: {type(error).__name__}: {error} (EDRGUARD_DEBUG=1 shows where)", file=sys.stderr
        )
        return 70
