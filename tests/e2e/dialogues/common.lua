-- What the dialogues share. miltertest (of OpenDKIM) speaks libmilter's own idea of the protocol.
function must(ok, what)
  if not ok then
    mt.echo(what)
    error(what)
  end
end

function start(steps)
  local conn = mt.connect(socket, 40, 0.05)
  must(conn ~= nil, "no connection")
  if steps then must(mt.negotiate(conn, 6, steps, 0x1ff) == nil, "negotiation") end
  must(mt.conninfo(conn, "mail.example.org", "192.0.2.77") == nil, "connect")
  must(mt.helo(conn, "mail.example.org") == nil, "helo")
  return conn
end

function envelope(conn, ...)
  must(mt.macro(conn, SMFIC_MAIL, "i", "4ABC") == nil, "macro")
  must(mt.mailfrom(conn, "<o@example.org>", "BODY=8BITMIME") == nil, "mail")
  must(mt.getreply(conn) == SMFIR_CONTINUE, "mail is not taken")
  for _, recipient in ipairs({...}) do
    must(mt.rcptto(conn, recipient) == nil, "rcpt")
    must(mt.getreply(conn) == SMFIR_CONTINUE, "rcpt is not taken")
  end
end

function content(conn, text)
  must(mt.header(conn, "From", "Somebody <o@example.org>") == nil, "header")
  must(mt.header(conn, "X-EDRGuard-Disposition", "forward") == nil, "header")
  must(mt.header(conn, "To", "lawenforcement@bigco.example") == nil, "header")
  must(mt.header(conn, "Subject", "a question") == nil, "header")
  must(mt.eoh(conn) == nil, "eoh")
  must(mt.bodystring(conn, text) == nil, "body")
  must(mt.eom(conn) == nil, "eom")
end
