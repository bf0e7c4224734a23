// SPDX-License-Identifier: Apache-2.0
import { mount } from "../ui/page/mount.tsx";
import { SignIn } from "./SignIn.tsx";

mount(<SignIn />);
