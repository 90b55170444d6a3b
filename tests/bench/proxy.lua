-- proxy.lua - wrk through a forward proxy: request targets in absolute form; last line: requests microseconds errors
wrk.path = "http://allowed.test/1k"
wrk.headers["Host"] = "allowed.test"

function done(summary, latency, requests)
	local e = summary.errors
	io.write(string.format("%d %d %d\n", summary.requests, summary.duration,
		e.connect + e.read + e.write + e.status + e.timeout))
end
