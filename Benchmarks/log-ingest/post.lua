-- Sends the bodies of a folder one after the other: BENCH_BODIES has their paths, a line each.
local bodies, place = {}, 0
for path in io.lines(os.getenv("BENCH_BODIES")) do
   local file = io.open(path, "rb")
   bodies[#bodies + 1] = file:read("*a")
   file:close()
end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-ndjson"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN")

function request()
   place = place % #bodies + 1
   return wrk.format(nil, nil, nil, bodies[place])
end
