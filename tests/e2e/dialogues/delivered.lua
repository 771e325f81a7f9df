-- A guarded message is delivered with our fields; a forged one of ours goes; three messages on one connection.
dofile(common)
conn = start()
must(mt.test_action(conn, SMFIF_ADDHDRS) and mt.test_action(conn, SMFIF_CHGHDRS), "actions")
must(mt.test_action(conn, SMFIF_DELRCPT), "delete recipients")
must(mt.test_option(conn, SMFIP_HDR_LEADSPC), "leading space")
for round = 1, 3 do
  envelope(conn, "<lawenforcement@bigco.example>")
  mt.data(conn)
  content(conn, "round " .. round .. "\r\n")
  must(mt.getreply(conn) == SMFIR_CONTINUE, "not continued")
  must(mt.eom_check(conn, MT_HDRINSERT, "X-EDRGuard-Disposition"), "no disposition")
  must(mt.eom_check(conn, MT_HDRINSERT, "Authentication-Results"), "no results")
  must(mt.eom_check(conn, MT_HDRDELETE, "X-EDRGuard-Disposition"), "the forged field stays")
  must(not mt.eom_check(conn, MT_RCPTDELETE, "<lawenforcement@bigco.example>"), "somebody is left out")
  must(not mt.eom_check(conn, MT_BODYCHANGE), "the body is changed")
  must(mt.abort(conn) == nil, "abort")
end
mt.disconnect(conn)
