// SPDX-License-Identifier: Apache-2.0
import { Card, CardBody, CardTitle } from "@patternfly/react-core";
import { t } from "../../../ui/i18n/manager.ts";
import { Note } from "../../../ui/page/Note.tsx";
import { useReport } from "../live/report.ts";
import { isServing, isUp } from "../moods.ts";
import { Place } from "../Place.tsx";
import { addressOf, type PlaceId } from "../places.ts";
import { problemsOf } from "./problems.ts";

export function Overview() {
	return (
		<Place place="overview" live={useReport("clusters", "nodes", "services", "alarms")}>
			{(report) => {
				const { clusters, nodes, services } = report;
				const problems = problemsOf(report);
				return (
					<>
						<Note
							component="h2" variant={problems.length ? "warning" : "success"} className="pl-health"
							title={t(problems.length ? "overview.attention" : "overview.ok")}
							data-testid="health" data-health={problems.length ? "attention" : "ok"}
						>
							{problems.length > 0 && (
								<ul data-testid="problems">
									{problems.map(({ text, href }) => (
										<li key={text}><a href={href}>{text}</a></li>
									))}
								</ul>
							)}
						</Note>
						<div className="pl-tiles">
							<Tile id="clusters" title={t("overview.clusters")} text={t("overview.accepting", {
								n: clusters.filter((c) => c.state === "Accepting").length,
								all: clusters.length,
							})} />
							<Tile id="nodes" title={t("overview.nodes")} text={t("overview.nodesUp", {
								n: nodes.filter((n) => isUp(n.state)).length, all: nodes.length,
							})} />
							<Tile id="services" title={t("overview.services")} text={t("overview.servicesUp", {
								n: services.filter((s) => isServing(s.state)).length, all: services.filter((s) => s.state !== "Loaded").length,
							})} />
						</div>
					</>
				);
			}}
		</Place>
	);
}

function Tile({ id, title, text }: { id: PlaceId; title: string; text: string }) {
	return (
		<Card isCompact data-testid={`tile-${id}`}>
			<CardTitle><a href={addressOf(id)}>{title}</a></CardTitle>
			<CardBody>{text}</CardBody>
		</Card>
	);
}
