/** The module rr: Record-Route and Route. */
import type { Value } from "../../dsl/value.ts";
import type { ScriptContext } from "../../runtime/context.ts";
import {
  bound,
  implementModule,
  reads,
  type VariableImplementation,
} from "../../runtime/module.ts";
import { LooseRoute, Routed } from "./loose-route.ts";
import { RecordRoute } from "./record-route.ts";
import { rr } from "./spec.ts";
import { RouteStates } from "./state.ts";

function routeUri(context: ScriptContext): Value {
  return context.msg.routes?.[0]?.uriText ?? "";
}

function directionVariable(states: RouteStates): VariableImplementation {
  return (reference) => {
    const asNumber = reference.inner === "id";
    return {
      get: (context) => {
        const direction = states.direction(context);
        if (!asNumber) return direction;
        return direction === "downstream" ? 1 : 2;
      },
    };
  };
}

function initialTag(states: RouteStates, caller: boolean): VariableImplementation {
  return reads((context) => {
    const { msg } = context;
    const isFrom = (states.direction(context) === "downstream") === caller;
    return (isFrom ? msg.fromTag : msg.toTag) || null;
  });
}

export default implementModule(rr, (environment) => {
  const { params } = environment;
  const states = new RouteStates();
  const customUser =
    params.custom_user_avp === undefined ? undefined : environment.variable(params.custom_user_avp);
  const recorder = new RecordRoute(
    params,
    states,
    customUser && ((context) => String(customUser.get(context) ?? "")),
  );
  const router = new LooseRoute(params, states);
  const addParam = (context: ScriptContext, param: string): number => {
    states.of(context).extraParams += param;
    return 1;
  };
  return {
    functions: {
      loose_route: bound(() => (c) => router.follow(c, false)),
      loose_route_preloaded: (c) => (router.follow(c, false) === Routed.preloaded ? 1 : -1),
      loose_route_mode: (c, mode) => router.follow(c, mode !== 0),
      record_route: bound((text) => {
        if (text === undefined) return (c) => recorder.record(c, "");
        return (c) => recorder.record(c, text.get(c));
      }),
      remove_record_route: (c) => recorder.remove(c),
      record_route_preset: (c, out, incoming) =>
        recorder.preset(c, incoming === undefined ? [out] : [out, incoming]),
      record_route_advertised_address: (c, address) => recorder.preset(c, [address]),
      add_rr_param: addParam,
      check_route_param: (c, re) => {
        const text = states.peek(c)?.routeParams ?? "";
        re.lastIndex = 0;
        return text !== "" && re.test(text) ? 1 : -1;
      },
      is_direction: (c, direction) => (states.direction(c) === direction ? 1 : -1),
      rr_next_hop_route: (c) => (states.peek(c)?.hasNextRoute === true ? 1 : -1),
    },
    variables: {
      route_uri: reads(routeUri),
      fti: initialTag(states, true),
      tti: initialTag(states, false),
      rdir: directionVariable(states),
    },
    api: {
      addParam: (context, param) => void addParam(context, param),
      recordRoute: (context, text) => recorder.record(context, text) > 0,
      routeParams: (context) => states.peek(context)?.routeParams ?? "",
      routeParam: (context, name) => states.routeParam(context, name),
      direction: (context) => states.direction(context),
      onLocalRoute: (callback) => router.onLocalRoute(callback),
    },
  };
});
