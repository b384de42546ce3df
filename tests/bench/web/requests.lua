-- Requests for wrk, spread over users: wrk -s requests.lua URL -- TARGET OPERATION USERS OFFSET SEED
-- TARGET is `todo-web` or `floor`; USERS is a file with a token (or a user's id) a line. Each thread
-- begins elsewhere; `complete` goes through tasks in order, so that each is completed once.

local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

local TASKS = 10
local users, operation, target = {}, nil, nil
local at, made = 0, 0

function init(args)
    target, operation = args[1], args[2]
    for line in io.lines(args[3]) do
        users[#users + 1] = line
    end
    at = tonumber(args[4]) + number * 20000
    math.randomseed(tonumber(args[5]) + number)
end

local function head(user)
    if target == "floor" then
        return { ["x-user"] = users[user] }
    end
    return { ["authorization"] = "Bearer " .. users[user] }
end

-- The floor numbers tasks over all users, todo-web those of each.
local function task(user, nth)
    if target == "floor" then
        return string.format("/tasks/%d", (user - 1) * TASKS + nth)
    end
    return string.format("/api/tasks/%d", nth)
end

local function all()
    return target == "floor" and "/tasks" or "/api/tasks"
end

function request()
    local user = math.random(#users)
    if operation == "get" then
        return wrk.format("GET", task(user, math.random(TASKS)), head(user))
    elseif operation == "list" then
        return wrk.format("GET", all() .. "?limit=20", head(user))
    elseif operation == "search" then
        return wrk.format("GET", all() .. "?limit=20&search=plumber", head(user))
    elseif operation == "create" then
        made = made + 1
        local headers = head(user)
        headers["content-type"] = "application/json"
        local body = string.format(
            '{"title":"Call the plumber about pipe %d","description":"Leaks at night",' ..
            '"project":"home/kitchen","priority":"high","due_date":"2026-12-24T17:00:00+01:00"}',
            made)
        return wrk.format("POST", all(), headers, body)
    elseif operation == "complete" then
        at = at + 1
        local nth = math.floor(at / #users) % TASKS + 1
        user = at % #users + 1
        return wrk.format("POST", task(user, nth) .. "/complete", head(user))
    end
    error("no operation " .. tostring(operation))
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"requests":%d,"seconds":%.6f,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f,"errors":%d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
        latency:percentile(99) / 1e3, latency.max / 1e3,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
