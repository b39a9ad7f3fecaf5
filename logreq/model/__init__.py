"""What travels: Request, Param, Call, Connection."""
