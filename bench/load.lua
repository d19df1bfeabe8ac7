-- The wrk script: sends one operation of one service and prints its measurements as JSON.
-- Environment variables define the operation. BODIES is a file with one body per line, sent in
-- turn. A number unique to the request replaces %d in a body.
local method = os.getenv("METHOD")
local bodies = {}
if os.getenv("BODIES") then
  for line in io.lines(os.getenv("BODIES")) do bodies[#bodies + 1] = line end
end
local first = tonumber(os.getenv("FIRST") or "0")
local sent = 0

wrk.method = method
for line in string.gmatch(os.getenv("HEADERS") or "", "[^\n]+") do
  local name, value = string.match(line, "^([^:]+): (.*)$")
  wrk.headers[name] = value
end

function request()
  local body
  if #bodies > 0 then
    body = string.gsub(bodies[sent % #bodies + 1], "%%d", tostring(first + sent))
  end
  sent = sent + 1
  return wrk.format(method, nil, nil, body)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "http_errors": %d, "socket_errors": %d, "sent": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout, sent
  ))
end
