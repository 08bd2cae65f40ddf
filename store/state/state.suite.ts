import { accountsSuite } from './accounts.suite.ts'
import { aloneSuite } from './alone.suite.ts'
import { decisionsSuite } from './decisions.suite.ts'
import { discoveredSuite } from './discovered.suite.ts'
import { downlinkSuite } from './downlink.suite.ts'
import { hazardsSuite } from './hazards.suite.ts'
import { homesSuite } from './homes.suite.ts'
import { incidentsSuite } from './incidents.suite.ts'
import { outboxSuite } from './outbox.suite.ts'
import { registrySuite } from './registry.suite.ts'
import { residentsSuite } from './residents.suite.ts'
import type { StateUnderTest } from './state-under-test.ts'
import { topologySuite } from './topology.suite.ts'
import { workOrdersSuite } from './work-orders.suite.ts'
import { zonesSuite } from './zones.suite.ts'

/** What every state adapter must hold. `make` gives a new, empty state that is not opened yet. */
export function stateSuite(name: string, make: () => StateUnderTest): void {
  registrySuite(name, make)
  decisionsSuite(name, make)
  discoveredSuite(name, make)
  downlinkSuite(name, make)
  incidentsSuite(name, make)
  outboxSuite(name, make)
  accountsSuite(name, make)
  residentsSuite(name, make)
  aloneSuite(name, make)
  homesSuite(name, make)
  hazardsSuite(name, make)
  topologySuite(name, make)
  zonesSuite(name, make)
  workOrdersSuite(name, make)
}
