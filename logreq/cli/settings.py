"""What every command shares and none needs an import for."""

# Every option of every command is also the environment variable LOGREQ_<OPTION>.
OPTIONS = {
    "auto_envvar_prefix": "LOGREQ",
    "help_option_names": ["-h", "--help"],
    "max_content_width": 100,
}
