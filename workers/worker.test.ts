import { dropMessages } from "./broker.fixture";
import { defineWorkerSuite } from "./worker-suite";

/** The embedded broker: BullMQ on PostgreSQL. */
defineWorkerSuite({
  dropMessages,
  setPublicUrl: (address) => {
    process.env.GRAFT_URL = address;
  },
});
