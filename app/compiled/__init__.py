"""Executing GraphQL operations that are made ready once, for many objects at a time.

graphql-core goes through an answer value by value, and makes ready for each field of each object what a resolver may
ask about. Here an operation is made ready once, however often it is sent, and executed level by level: a field is asked
of all objects of a list at once, and an object that many point to is read for all of them together. What it answers is
what graphql-core answers, which also executes whatever is not known here. This package knows GraphQL and Strawberry,
and nothing of what is asked.
"""
