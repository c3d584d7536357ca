-- What RivalRace reads: a status, seconds and how many responses took that long; one line for each per mille.
function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout
  local good = summary.requests - errors.status
  local counted = 0
  for i = 1, 1000 do
    local upTo = math.floor(good * i / 1000)
    io.write(string.format("200,%.6f,%d\n", latency:percentile(math.min(99.999, i / 10)) / 1e6, upTo - counted))
    counted = upTo
  end
  io.write(string.format("400,0,%d\n000,0,%d\nwall,%.6f\n", errors.status, failed, summary.duration / 1e6))
end
