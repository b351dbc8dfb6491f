import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dropsIn } from '../../../connectors/hep/kernel-drops.ts'

const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  411: 0100007F:2364 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 48411 2 0000000000000000 17
  412: 00000000:2364 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 48412 2 0000000000000000 3
  500: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 48413 2 0000000000000000 99
`

test("reads the kernel's drops at a port, over all its sockets", () => {
  assert.equal(dropsIn(TABLE, 9060), 20)
  assert.equal(dropsIn(TABLE, 53), 99)
  assert.equal(dropsIn(TABLE, 5060), 0)
  assert.equal(dropsIn('', 9060), 0)
})
