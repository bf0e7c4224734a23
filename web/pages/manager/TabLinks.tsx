// SPDX-License-Identifier: Apache-2.0
import { Nav, NavItem, NavList } from "@patternfly/react-core";

interface Props {
	title: string;
	shown: string;
	tabs: { id: string; title: string; href: string }[];
}

/** Parts of one thing, each with an address of its own. */
export function TabLinks({ title, shown, tabs }: Props) {
	return (
		<Nav variant="horizontal-subnav" aria-label={title} className="pl-tabs">
			<NavList>
				{tabs.map(({ id, title: text, href }) => (
					<NavItem
						key={id} to={href} isActive={id === shown} data-testid={`tab-${id}`}
						preventDefault={false}
					>
						{text}
					</NavItem>
				))}
			</NavList>
		</Nav>
	);
}
