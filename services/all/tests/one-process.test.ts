import { meshSuite } from "./suite.ts";

meshSuite("one process");
