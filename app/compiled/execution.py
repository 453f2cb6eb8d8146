"""Executing what is ready, and leaving the rest to graphql-core."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from graphql import DirectiveNode, GraphQLSchema, OperationDefinitionNode, VariableNode, Visitor, visit
from graphql.execution import Executor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from app.compiled.plans import Plan, Unknown

MOST_KEPT = 200
MOST_PLANS = 8
CONDITIONS = frozenset({"skip", "include"})


class CompiledExecution(StrawberryGraphQLCoreExecutionContext):
    """An execution context for Strawberry's schemas: what is asked again is ready.

    Where middleware resolves fields, or an operation is to be aborted by a signal, graphql-core executes it.
    """

    def is_compiled(self) -> bool:
        """Whether operations are made ready at all."""
        return True

    def reading(self) -> Hashable:
        """What plain fields are read by, beside their objects, such as a request's language: what is made ready for one
        serves all that have the same."""
        return None

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Execute the operation."""
        around = self.middleware_manager
        by_hand = serially is not None or self.abort_signal is not None or (around and around.middlewares)
        plan = plan_of(self, self.reading()) if self.is_compiled() and not by_hand else None
        return super().execute_operation(serially) if plan is None else plan.execute(self)


class Operation:
    """An operation, and its plans."""

    def __init__(self, executor: Executor[Any]) -> None:
        self.schema: GraphQLSchema = executor.schema
        self.node: OperationDefinitionNode = executor.operation
        conditions = Conditions()
        for node in (executor.operation, *executor.fragment_definitions.values()):
            visit(node, conditions)
        self._conditions = sorted(conditions.variables)
        self._plans: dict[Hashable, Plan | None] = {}

    def plan(self, executor: Executor[Any], reading: Hashable) -> Plan | None:
        """The plan for these variables; ``None`` where there is none."""
        given = executor.variable_values.coerced
        key = reading, tuple(given.get(name) for name in self._conditions)
        if key not in self._plans:
            try:
                self._plans[key] = Plan(executor, reading)
            except Unknown:
                self._plans[key] = None
        found = self._plans[key]
        while len(self._plans) > MOST_PLANS:
            del self._plans[next(iter(self._plans))]
        return found


class Conditions(Visitor):
    """Collects the variables on which it depends what is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.variables: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        """Look at one directive."""
        if node.name.value in CONDITIONS:
            values = [argument.value for argument in node.arguments or ()]
            self.variables.update(value.name.value for value in values if isinstance(value, VariableNode))


_operations: dict[int, Operation] = {}


def plan_of(executor: Executor[Any], reading: Hashable) -> Plan | None:
    """The plan of what is to be executed, if there is one. A document that is parsed anew is another."""
    known = _operations.get(id(executor.operation))
    if known is None or known.node is not executor.operation or known.schema is not executor.schema:
        known = _operations[id(executor.operation)] = Operation(executor)
        while len(_operations) > MOST_KEPT:
            del _operations[next(iter(_operations))]
    return known.plan(executor, reading)
