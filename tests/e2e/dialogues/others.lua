-- Mail for others is waved through before its content is sent.
dofile(common)
conn = start()
envelope(conn, "<colleague@bigco.example>")
must(mt.data(conn) == nil, "data")
must(mt.getreply(conn) == SMFIR_ACCEPT, "not accepted at DATA")
mt.disconnect(conn)
