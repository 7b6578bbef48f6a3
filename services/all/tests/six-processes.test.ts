import { meshSuite } from "./suite.ts";

meshSuite("six processes");
