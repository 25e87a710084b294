import assert from "node:assert/strict"
import { test } from "node:test"

import { CommandRefused, Connection } from "chat/connection.js"

/** Sockets and a clock that the test moves by hand. */
function world() {
  const sockets = []
  const timers = new Map()
  let next = 1
  const clock = {
    set: (work, ms) => (timers.set(next, { work, ms }), next++),
    clear: (timer) => timers.delete(timer),
    random: () => 0.5,
  }
  const connect = () => {
    const socket = { sent: [], send: (text) => socket.sent.push(JSON.parse(text)), close: () => {} }
    sockets.push(socket)
    return socket
  }
  const pass = (ms) => {
    for (const [id, timer] of [...timers]) if (timer.ms <= ms && timers.delete(id)) timer.work()
  }
  const connection = new Connection(connect, clock)
  const statuses = []
  connection.onStatus = (status) => statuses.push(status)
  const say = (message) => sockets.at(-1).onmessage({ data: JSON.stringify(message) })
  return { connection, sockets, statuses, pass, say, socket: () => sockets.at(-1) }
}

const START = { type: "run.start", id: "x1", text: "Hi" }

test("a command that was given while offline is sent when the socket opens", async () => {
  const { connection, socket, say } = world()
  const reply = connection.command(START)
  connection.open()
  socket().onopen()
  assert.deepEqual(socket().sent, [START])

  say({ type: "ack", id: "x1", run: "r" })
  assert.equal((await reply).run, "r")
})

test("a command without an answer is sent again with its id after a reconnect, and no more once answered", async () => {
  const { connection, sockets, socket, say, pass } = world()
  connection.open()
  socket().onopen()
  const reply = connection.command(START)
  socket().onclose({ code: 1006 })
  pass(1000)
  socket().onopen()
  assert.deepEqual(sockets.map((s) => s.sent), [[START], [START]])

  say({ type: "ack", id: "x1" })
  await reply
  socket().onclose({ code: 1006 })
  pass(1000)
  socket().onopen()
  assert.deepEqual(sockets[2].sent, [])
})

test("a refusal rejects with its code and sentence", async () => {
  const { connection, socket, say } = world()
  connection.open()
  socket().onopen()
  const reply = connection.command(START)
  say({ type: "error", id: "x1", code: "busy", detail: "An answer is still being written." })

  await assert.rejects(reply, (error) => error instanceof CommandRefused && error.code === "busy" && /written/.test(error.message))
})

test("what to watch is asked anew on each opening", () => {
  const { connection, socket, pass } = world()
  let opened = 0
  connection.onOpen = () => connection.tell({ type: "watch", id: `w${++opened}` })
  connection.open()
  socket().onopen()
  socket().onclose({ code: 1006 })
  pass(1000)
  socket().onopen()
  assert.deepEqual(socket().sent, [{ type: "watch", id: "w2" }])
})

test("a short break says nothing, a longer one says so", () => {
  const { connection, statuses, socket, pass } = world()
  connection.open()
  socket().onopen()
  socket().onclose({ code: 1006 })
  pass(400)
  socket().onopen()
  pass(100_000)
  assert.equal(statuses.includes("reconnecting"), false)

  socket().onclose({ code: 1006 })
  pass(1500)
  assert.equal(statuses.at(-1), "reconnecting")
})

test("a network that the browser knows to be gone is told of at once, until something comes", () => {
  const { connection, statuses, socket, say } = world()
  connection.open()
  socket().onopen()
  connection.lost()
  assert.deepEqual(statuses, ["online", "reconnecting"])

  connection.hurry()
  say({ type: "pong" })
  assert.deepEqual(statuses, ["online", "reconnecting", "online"])
})

test("a command without an answer for three seconds is told of, and the network tried", async () => {
  const { connection, statuses, socket, say, pass } = world()
  connection.open()
  socket().onopen()
  const reply = connection.command(START)
  pass(3000)
  assert.equal(statuses.at(-1), "reconnecting")
  assert.deepEqual(socket().sent.at(-1), { type: "ping" })

  say({ type: "ack", id: "x1" })
  await reply
  assert.equal(statuses.at(-1), "online")
})

test("a command that was answered is no longer waited for", async () => {
  const { connection, statuses, socket, say, pass } = world()
  connection.open()
  socket().onopen()
  const reply = connection.command(START)
  say({ type: "ack", id: "x1" })
  await reply
  pass(3000)
  assert.deepEqual(statuses, ["online"])
})

test("attempts come less often, never more than fifteen seconds or so apart", () => {
  const { connection, sockets, socket, pass } = world()
  connection.open()
  for (let n = 0; n < 12; n++) {
    socket().onclose({ code: 1006 })
    pass(15_000)
  }
  assert.equal(sockets.length, 13)
})

test("a silent network is found out by a ping, and a new socket made", () => {
  const { connection, sockets, socket, pass } = world()
  connection.open()
  socket().onopen()
  pass(25_000)
  assert.deepEqual(socket().sent, [{ type: "ping" }])
  pass(10_000)
  pass(1000)
  assert.equal(sockets.length, 2)
})

test("a pong keeps the socket", () => {
  const { connection, sockets, socket, say, pass } = world()
  connection.open()
  socket().onopen()
  pass(25_000)
  say({ type: "pong" })
  pass(10_000)
  assert.equal(sockets.length, 1)
})

test("a revoked session ends it: no more attempts", () => {
  const { connection, statuses, sockets, socket, pass } = world()
  connection.open()
  socket().onopen()
  socket().onclose({ code: 4401 })
  pass(100_000)
  connection.hurry()
  assert.equal(statuses.at(-1), "signed-out")
  assert.equal(sockets.length, 1)
})

test("what isn't a reply goes to the page", () => {
  const { connection, socket, say } = world()
  const heard = []
  connection.onMessage = (message) => heard.push(message.type)
  connection.open()
  socket().onopen()
  say({ type: "frame", run: "r", seq: 1, events: [] })
  say({ type: "pong" })
  assert.deepEqual(heard, ["frame"])
})
