// cel.mjs - the conditions of cel.c in two engines from the npm registry: name, ns of a hit, ns of a miss
//
// usage: node cel.mjs bufbuild|marcbachmann	an expression is parsed and planned once, then evaluated
import * as bufbuild from "@bufbuild/cel";
import { Environment } from "@marcbachmann/cel-js";

const ROUNDS = 7, EVALUATIONS = 100000;
const CONDITIONS = {
	equal: 'http.host == "api.github.com"',
	and: 'http.host == "api.github.com" && http.method == "GET" && network.port == 443',
	in: 'http.host in ["github.com", "gitlab.com", "codeload.github.com", "api.github.com"]',
	matches: 'http.host.matches("^(.+\\\\.)?github\\\\.com$")',
	exists: 'run.args.exists(a, a == "-f")',
	exists4: '["github.com", "gitlab.com", "example.org", "api.github.com"].exists(h, h == http.host)',
};

function request(hit) {
	return { http: { host: hit ? "api.github.com" : "api.gitlab.org", method: "GET", path: "/" },
		 network: { port: 443n }, run: { args: ["push", "origin", "main", hit ? "-f" : "-q"] } };
}

const engines = {
	marcbachmann(expr) {
		const env = new Environment().registerVariable("http", "map").registerVariable("network", "map")
			.registerVariable("run", "map");
		const run = env.parse(expr);
		return (hit) => { const r = request(hit); return () => run(r); };
	},
	bufbuild(expr) {
		const run = bufbuild.plan(bufbuild.celEnv(), bufbuild.parse(expr));
		const map = (o) => bufbuild.celMap(new Map(Object.entries(o).map(([k, v]) => [k, Array.isArray(v) ? bufbuild.celList(v) : v])));
		return (hit) => {
			const r = Object.fromEntries(Object.entries(request(hit)).map(([k, v]) => [k, map(v)]));
			return () => run(r);
		};
	},
};

function medianNs(run, want) {
	const took = [];
	for (let r = 0; r < ROUNDS; r++) {
		const start = process.hrtime.bigint();
		for (let i = 0; i < EVALUATIONS; i++)
			if (run() !== want)
				throw new Error(`gives ${run()}, not ${want}`);
		took.push(Number(process.hrtime.bigint() - start) / EVALUATIONS);
	}
	return took.sort((a, b) => a - b)[ROUNDS >> 1].toFixed(1);
}

for (const [name, expr] of Object.entries(CONDITIONS)) {
	const bind = engines[process.argv[2]](expr);
	console.log(name, medianNs(bind(true), true), medianNs(bind(false), false));
}
